package com.barnebys.analytics.cli;

import com.barnebys.analytics.hit.SecretRing;
import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Gets the keys, or ends the command with the reason and exit code 2. */
final class Secrets {
    private Secrets() {}

    static SecretRing of(SecretSource source, CommandLine command) {
        try {
            return source.secrets();
        } catch (IOException e) {
            throw new NoSecretException(command, "No secret: " + Failure.text(e), e);
        }
    }

    /** Answered by {@link CommandLine} with its message and exit code 2, as a wrong call is. */
    private static final class NoSecretException extends ParameterException {
        private static final long serialVersionUID = 1L;

        NoSecretException(CommandLine command, String message, Throwable cause) {
            super(command, message, cause);
        }
    }
}
