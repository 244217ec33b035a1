/**
 * Which visitor owns which business reference: a site names its visitor (a <em>fingerprint</em>) by ids of its own
 * (<em>refs</em>, say a customer's number), and conversions that come later from a server find the visitor by them.
 *
 * <pre>
 * Reference   what one /r/create said: program, fingerprint, refs, type, address, user agent, time
 * Visitor     program and fingerprint; many references may be his
 * ProgramRef  program and ref; what the webhook asks by
 * Source      barnebys or other: the type of a reference, and the source of the events of its visitor
 * Claim       what became of the key of a call: claimed, under way, answered
 * </pre>
 *
 * {@link com.barnebys.analytics.reference.ReferenceStore} is SQLite under DATA_DIR for one process, PostgreSQL for several
 * replicas. Both hold the key (program, fingerprint, ref) unique, so that equal calls at the same time store one
 * reference. Where several references match, the one stored first answers, as in the service before.
 *
 * <p>{@link com.barnebys.analytics.reference.SourceLookup} stands before the store where a visitor waits: it remembers,
 * and never keeps an answer waiting for longer than 50 ms.
 *
 * <p>{@link com.barnebys.analytics.reference.AnsweredCalls} is in the same place: what was answered to calls that may be
 * repeated, by the key they carry. It has to be as shared and as lasting as the references, and is asked by the same
 * webhook.
 */
@NullMarked
@CheckReturnValue
package com.barnebys.analytics.reference;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
