/**
 * The demo on the management port: two pages, a magazine and a shop, on which a partner sees the whole round in a
 * browser, and the rows that it stored. Never in production.
 *
 * <p>{@code DemoPages} routes, {@code DemoAddress} says under which names the browser reaches us, {@code DemoLinks}
 * signs, {@code StoredRows} reads. The pages are among the resources of this package; what they load from the public port is
 * what partners' pages load. The secret stays here: pages get signed links.
 */
@NullMarked
@CheckReturnValue
package com.barnebys.analytics.demo;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
