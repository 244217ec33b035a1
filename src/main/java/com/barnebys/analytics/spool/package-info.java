/**
 * The durable local log that every accepted event goes through: append, read, acknowledge, recover. It knows bytes and
 * numbers, nothing of events.
 *
 * <p><b>Limits.</b> One process and one writer a directory, on a local disk or a block volume (file locks of network
 * file systems are only as good as their server). A group takes 1 to 8 MiB / 4 records and at most 8 MiB; a segment
 * holds {@link com.barnebys.analytics.spool.SpoolOptions#segmentBytes() segmentBytes}, or one group if that is larger;
 * the log holds {@link com.barnebys.analytics.spool.SpoolOptions#maxBytes() maxBytes} and leaves {@link
 * com.barnebys.analytics.spool.SpoolOptions#minFreeBytes() minFreeBytes} of the volume to others. Sequence numbers end
 * at 2<sup>62</sup>. Memory: one buffer for the writer and one for each reader, each of the size of the largest group,
 * whatever the backlog.
 *
 * <pre>
 *  directory                                  a group = a frame = one write        (big-endian)
 *
 *  LOCK          held while a Spool is open   ┌──────┬────────┬─────────┬───────┬────────┐
 *  spool-id      a UUID: which spool is it    │ EVS1 │ length │  first  │ count │ crc32c │  24 bytes
 *  0000000000000000000.seg ─┐                 ├──────┴─┬──────┴─────────┴───────┴────────┤
 *  0000000000000132416.seg  │ named by their  │ length │ bytes of record first           │
 *  0000000000000264770.seg ─┘ first sequence  │ length │ bytes of record first + 1       │  length bytes
 *                                             │   …    │ …                               │
 *                                             └────────┴─────────────────────────────────┘
 *
 *   trimmed ┊          segment              segment (active)
 *           ┊ ┌───────┬───┬───────────┐ ┌─────┬────────┬──────┐
 *           ┊ │ group │ … │ group     │ │  …  │ group  │ group│◄── append
 *           ┊ └───────┴───┴───────────┘ └─────┴────────┴──────┘
 *           ┊              ▲                  ▲        ▲
 *           first          a reader's cursor  flushed  published = next
 * </pre>
 *
 * <p><b>Write.</b> The group is put behind a header in one direct buffer and goes out in one positional write; then one
 * volatile object says what is published. What cannot be written is cut off again, so a group is there as a whole or not
 * at all. No preallocation, no recycled files, no mapping: each was tried, and each was a bug.
 *
 * <p><b>Read.</b> A reader walks the frames in order and never looks past what is flushed; it flushes first if there is
 * more. So nothing leaves the spool that a power cut could take back, and no number reaches a destination twice. A group
 * that does not check is skipped and reported; what stands behind it is found again by its magic, its checksum and the
 * numbers it may have at that place.
 *
 * <p><b>Acknowledge.</b> {@link com.barnebys.analytics.spool.Spool#trim Spool.trim} deletes the segments that are wholly
 * below a number. Which number that is, the destination keeps; the spool stores no cursor.
 *
 * <p><b>Recover.</b> Opening lists the segments and scans the last one: behind its last good group it is cut. Everything
 * older is looked at when it is read. Numbers go on behind the last good group, and never below what the caller asks
 * for.
 */
@NullMarked
@CheckReturnValue
package com.barnebys.analytics.spool;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
