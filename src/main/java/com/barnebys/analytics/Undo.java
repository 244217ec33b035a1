package com.barnebys.analytics;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What was started and is to be stopped, the last thing first. Whoever holds it is the one thread that uses it. */
final class Undo {
    private static final Logger LOG = LoggerFactory.getLogger(Undo.class);

    private final Deque<Step> steps = new ArrayDeque<>();

    /** One thing to do when stopping; has a limit of its own. */
    interface Step {
        void run() throws IOException, InterruptedException;
    }

    void push(Step step) {
        steps.push(step);
    }

    /** What is left is left to the end of the process. */
    void abandon() {
        steps.clear();
    }

    boolean isEmpty() {
        return steps.isEmpty();
    }

    /** Does all of it, whatever fails. */
    void run() {
        while (!steps.isEmpty()) {
            try {
                steps.pop().run();
            } catch (InterruptedException e) {
                // Stopping goes on: each step has its own limit.
                LOG.warn("Interrupted while stopping.");
            } catch (IOException | RuntimeException e) {
                LOG.warn("A step of stopping failed.", e);
            }
        }
    }
}
