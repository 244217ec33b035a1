/**
 * The embedded store: one SQLite file in the data directory, for one machine and for trying things out.
 *
 * <pre>
 * "click", "impression", …   one table per kind, shaped as in BigQuery; the rowid is the spool's sequence number
 * ba_position                one row: id of the spool, first sequence number not yet stored
 * ba_tables                  kind -> table; not always the same word, see below
 * ba_daily                   hits by kind, program, day and lead; kept when rows are deleted for their age
 * </pre>
 *
 * A batch, its position and its share of {@code ba_daily} are one transaction: it is all there or not at all, whatever
 * dies in the middle, and no row can be there twice since its rowid would be. The transaction is flushed
 * ({@code synchronous=FULL}) before the position is told to anybody.
 *
 * <p>Any program that knows SQLite may read the file while it is written. It has to be on a local disk: the write-ahead
 * log needs shared memory. A reader that stays in one transaction for hours keeps that log growing.
 *
 * <p>Kinds differ by case, names of SQLite's tables do not; so {@code Click} beside {@code click} becomes the table
 * {@code Click_2}, and {@code ba_tables} says so.
 */
@NullMarked
@CheckReturnValue
package com.barnebys.analytics.sink.local;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
