package com.barnebys.analytics.cli;

import com.barnebys.analytics.hit.SecretRing;
import java.io.IOException;

/**
 * Where commands get the signature keys from. Never the command line: arguments are seen by everyone on the machine and
 * stay in the shell's history.
 */
@FunctionalInterface
public interface SecretSource {
    /**
     * The keys in force.
     *
     * @throws IOException when there are none to be had; the message tells the operator why
     */
    SecretRing secrets() throws IOException;
}
