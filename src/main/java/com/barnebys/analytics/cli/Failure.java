package com.barnebys.analytics.cli;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** What a person is told of a failure. */
final class Failure {
    private Failure() {}

    /**
     * Its message, with the reason that the exceptions of {@code java.nio.file} keep in their names: the message of
     * "may not write here" is the path and nothing more.
     */
    static String text(Throwable failure) {
        String message = failure.getMessage();
        if (message == null) {
            return failure.toString();
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof FileSystemException e && isBare(message, e)) {
                return message + ": " + reason(e);
            }
        }
        return message;
    }

    private static boolean isBare(String message, FileSystemException e) {
        String file = e.getFile();
        return e.getReason() == null
                && file != null
                && message.endsWith(file)
                && !message.contains(e.getClass().getName());
    }

    private static String reason(FileSystemException e) {
        if (e instanceof AccessDeniedException) {
            return "access denied";
        }
        return e instanceof NoSuchFileException
                ? "no such file or directory"
                : e.getClass().getSimpleName();
    }
}
