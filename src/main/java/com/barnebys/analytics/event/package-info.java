/**
 * What BA stores: the row, its columns and its bytes.
 *
 * <p>A row is encoded once, on the event loop, as the protobuf message BigQuery's Storage Write API takes (proto2: a
 * field that is absent is NULL, {@code false} and {@code ""} are written). Bus, spool and writer carry these bytes;
 * only a sink that needs the values decodes them again ({@link com.barnebys.analytics.event.RowReader}).
 *
 * <pre>
 * record in bus and spool:  u32 length | u8 n | table name, n ASCII bytes | row, a protobuf message
 * </pre>
 *
 * The {@code u32} (big-endian) counts the bytes behind it. Field numbers are those of
 * {@link com.barnebys.analytics.event.TableSchema} and are on disk: a number is never given to another column.
 */
@NullMarked
@CheckReturnValue
package com.barnebys.analytics.event;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
