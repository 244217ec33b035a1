/**
 * The BigQuery sink: one lane for each table, each row exactly once.
 *
 * <pre>
 * delivery ──rows of one table──► Lane ──blocks of rows──► Appender ──► BigQuery
 *                                  │ ▲                        (stream with offsets | default stream | insertAll)
 *                       intents,   ▼ │  results, in order
 *                       fsynced  LaneStore
 * </pre>
 *
 * <p>A lane writes down which rows it will send to which offset of which stream (an <i>intent</i>) before it sends them.
 * The service stores at most one block at an offset, so after a crash or a lost answer the same rows go to the same offset
 * again, and "already there" is as good as "stored". Only a stream whose count of rows is known is ever left for another.
 *
 * <p>Whatever blocks (REST, opening and closing streams) is behind {@link
 * com.barnebys.analytics.sink.bigquery.Connector} and runs on threads of its own: a table that hangs holds up no other.
 */
@NullMarked
@CheckReturnValue
package com.barnebys.analytics.sink.bigquery;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
