/**
 * Questions kept apart, on the management port: do the event loops turn ({@code /livez}), has the process started ({@code
 * /startupz}), can it take hits ({@code /readyz}), and what do the books say (all with the same JSON). A sink that is away
 * never makes BA unready: the spool is there for it.
 */
@NullMarked
@CheckReturnValue
package com.barnebys.analytics.health;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
