/** Wiring: starts the stages from the sink to the edge and stops them from the edge to the sink. */
@NullMarked
@CheckReturnValue
package com.barnebys.analytics;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
