/**
 * The worker that puts events into the spool: group commit. What waits is appended in one write, then everybody who
 * waited is answered. Under load groups grow by themselves; alone, a request pays one write.
 */
@NullMarked
@CheckReturnValue
package com.barnebys.analytics.intake;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
