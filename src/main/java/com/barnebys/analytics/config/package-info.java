/**
 * Files, environment and system properties become one checked, immutable {@link Settings}.
 *
 * <p>A start and each command read the layers once ({@link PlainReading}); a running process has Vert.x Config read them
 * again and again ({@link SettingsLoader}), through stores that call the same code. Later wins: built in, {@code conf/analytics.yaml} or CONFIG_FILE, each
 * {@code *.yaml} of CONFIG_DIR by name, NAME_FILE (a file holding the value), environment, {@code -Dname}. The names are
 * flat and the same everywhere. A value stays the text it was written as until its {@link Setting} reads it: Vert.x on
 * its own makes the number 123 of {@code SECRET=0123}, and YAML makes 83 of it.
 *
 * <p>The layers cross the retriever side by side, each under its own key, and are laid over each other here. So every
 * value knows where it came from. What is wrong with a file travels the same way, as data: all mistakes are reported
 * together, and reading a broken file again and again neither fails nor logs a stack trace each time.
 *
 * <p>While the process runs, {@link LiveSettings} reads all of it anew each CONFIG_SCAN, and hands over what can change
 * without a restart. Two readings have to agree, and the whole has to be free of mistakes; else nothing changes.
 */
@NullMarked
@CheckReturnValue
package com.barnebys.analytics.config;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
