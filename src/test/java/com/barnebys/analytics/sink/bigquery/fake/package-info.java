/**
 * BigQuery for tests: its REST API for datasets and tables, insertAll, and the Storage Write API over gRPC, in memory and
 * on loopback, for the genuine clients.
 *
 * <p>It is strict where the service is strict (offsets, schemas, values, sizes, names) and it fails on request, in the ways
 * the service is known to fail. Where the service's behaviour is not known, it takes the harsher one. No queries, no
 * PENDING or BUFFERED streams, no nested or repeated columns.
 *
 * <pre>
 * FakeBigQuery ─► RestService ──► TableResource ─► Warehouse ─► FakeTable (columns, rows, streams)
 *              └► WriteService ─► AppendCall ─► RowDecoder ─┘      FakeColumn, FakeType
 * Faults: asked by all of them what shall go wrong now.   Ledger: what was asked of them.
 * </pre>
 */
@NullMarked
package com.barnebys.analytics.sink.bigquery.fake;

import org.jspecify.annotations.NullMarked;
