/**
 * The browser library: the script that sites put on their pages to report conversions, and how it is served.
 *
 * <p>The script is {@code bite.v1.js} among the resources of this package. {@code ScriptText} takes the comments off it,
 * {@code BrowserScript} answers requests with it; both once, at start. Knows no other package.
 */
@NullMarked
@CheckReturnValue
package com.barnebys.analytics.browser;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
