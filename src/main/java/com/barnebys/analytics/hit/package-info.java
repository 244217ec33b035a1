/**
 * What a signed request says, or why it is refused. Pure: bytes in, a verdict out.
 *
 * <p>The signature covers the request target as it was sent, so nothing here goes through a URL library: the target is
 * read once as bytes ({@link com.barnebys.analytics.hit.Target}), its query is cut into ranges
 * ({@link com.barnebys.analytics.hit.Query}), the signature is checked over those bytes
 * ({@link com.barnebys.analytics.hit.SignatureChecker}), and only then values are decoded. Only
 * {@link com.barnebys.analytics.hit.HitVerifier} makes a {@link com.barnebys.analytics.hit.TrackHit}, so holding one is
 * the proof that a key of ours signed it.
 *
 * <p>The rules are those of the service this one replaces, whose links are printed all over the world; where they look
 * odd, an example of compat/examples.jsonl holds them.
 */
@NullMarked
@CheckReturnValue
package com.barnebys.analytics.hit;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
