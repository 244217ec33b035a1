/**
 * What an operator types. Each command is a picocli {@code @Command} that a root command takes as a subcommand; it is given
 * what it works with and decides nothing about links itself.
 *
 * <p>Results go to stdout, one line each, messages to stderr. Exit codes: 0 for done, 1 when a link was refused, 2 for a
 * wrong call or a secret that cannot be had.
 */
@NullMarked
@CheckReturnValue
package com.barnebys.analytics.cli;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
