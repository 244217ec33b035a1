/**
 * The edge: takes requests, asks {@code hit} and {@code session} what they mean, hands events to the bus and answers.
 *
 * <p>All of it runs on the event loop and waits for nothing. A request's way: {@code StrictRequestDecoder} (bytes to
 * request, hostile ones refused) → {@code PublicHandler} (method, route) → {@code TrackHandler} (verdict, session, rows)
 * → {@code TrackAnswer} (once the rows are in the spool).
 */
@NullMarked
@CheckReturnValue
package com.barnebys.analytics.http;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
