/**
 * The memory between an affiliate's hit and the lead it may make: a signed cookie, and the rule that reads it. Pure.
 *
 * <p>Nothing is kept on the server. The cookie says kind, program and when it was issued, under a key derived from the
 * signature secret; its age is checked here and not only by the browser.
 */
@NullMarked
@CheckReturnValue
package com.barnebys.analytics.session;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
