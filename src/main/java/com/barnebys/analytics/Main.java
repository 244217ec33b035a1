package com.barnebys.analytics;

import com.barnebys.analytics.cli.Commands;

/** Runs one command line. {@code serve} is the tracker: see {@link Server}. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(
                Commands.run(arguments, new Commands.Doers(Server::start, DeadLetterReplays::run, SpoolReplays::run)));
    }
}
