/**
 * What an operator types. Each command is a picocli {@code @Command} under {@link com.barnebys.analytics.cli.Commands}; it
 * is given what it works with and decides nothing about hits itself.
 *
 * <p>stdout carries the result and nothing else, messages go to stderr. Exit codes: 0 done, 1 no or failed, 2 wrong call
 * or settings. Secrets come from settings, never as arguments: those are seen by everyone on the machine.
 */
@NullMarked
@CheckReturnValue
package com.barnebys.analytics.cli;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
