/**
 * The counters behind each stage's small metrics interface, and the books: what was accepted is delivered, parked,
 * lost to damage (counted), or still in the spool.
 */
@NullMarked
@CheckReturnValue
package com.barnebys.analytics.metrics;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
