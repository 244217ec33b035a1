/**
 * The bounded crossing from the event loops to the intake worker.
 *
 * <p>One message carries the rows of all requests that a turn of an event loop has taken in (under load a few turns: it
 * is sent once looking at the sockets again brings nothing new), encoded, with one
 * completion for all of them. Measured on prototypes: a message for each event costs 10 to 12 microseconds more, most
 * of it waking the worker. The message is the same object on both sides; the sender does not touch it after sending.
 *
 * <p>Limits: {@value com.barnebys.analytics.bus.EventPublisher#BATCH_EVENTS_MAX} events or
 * {@value com.barnebys.analytics.bus.EventPublisher#BATCH_BYTES_MAX} bytes a message;
 * {@value com.barnebys.analytics.bus.EventPublisher#IN_FLIGHT_BYTES_MAX} bytes and
 * {@value com.barnebys.analytics.bus.EventPublisher#IN_FLIGHT_EVENTS_MAX} events on their way for each event loop;
 * {@link com.barnebys.analytics.bus.Waiting} says when a request is answered without a receipt.
 */
@NullMarked
@CheckReturnValue
package com.barnebys.analytics.bus;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
