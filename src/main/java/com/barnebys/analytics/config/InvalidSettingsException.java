package com.barnebys.analytics.config;

import java.util.List;
import java.util.stream.Collectors;

/** The settings as a whole are refused. Says everything that is wrong with them, one mistake a line; no secrets. */
public final class InvalidSettingsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Mistake> mistakes;

    InvalidSettingsException(List<Mistake> mistakes) {
        super(mistakes.stream().map(Mistake::toString).collect(Collectors.joining("\n")));
        this.mistakes = List.copyOf(mistakes);
    }

    /** At least one, in the order of the layers. */
    public List<Mistake> mistakes() {
        return mistakes;
    }
}
