/**
 * From the spool to the sink: takes batches, retries for ever, parks what nobody will take, trims what is stored.
 *
 * <pre>
 * spool ──read──► RowBatch ──store──► sink        the sink keeps the position, in the same step as the rows
 *   ▲                │ └──park──► deadletter/     a row that is none: kept for a person, then stepped over
 *   └────trim────────┴── position                 never further than what the sink says is durable
 * </pre>
 *
 * Delivery itself remembers nothing: after a crash it asks the sink for its position and reads the spool from there. So
 * at every moment accepted = delivered + parked + in spool.
 */
@NullMarked
@CheckReturnValue
package com.barnebys.analytics.delivery;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
