/**
 * Where batches of rows go, and what every such place promises: all rows of a batch and the position behind it, or
 * nothing of both.
 *
 * <p>That one promise makes delivery exactly once. Whatever happens between two batches, the sink knows the first
 * sequence number it does not have, and delivery reads the spool again from there. A sink never asks what was sent
 * before; delivery never guesses what has arrived.
 *
 * <p>A row that a sink will never take is not the sink's to drop: it is handed to {@link Parking}, which keeps it for a
 * person, and only then stepped over.
 */
@NullMarked
@CheckReturnValue
package com.barnebys.analytics.sink;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
