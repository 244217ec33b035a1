/**
 * Conversion events: what visitors do on a site, told by the browser library or by the site's server, and whose visit it
 * was.
 *
 * <p>An event of a browser is read into an {@code EventRequest}; {@code Conversions} asks where the visitor came from and
 * hands the row to the bus. A list of the webhook goes through {@code Webhook}, which finds the visitors by the references
 * the site has given them. {@code RateLimit} bounds what strangers may send. The answers' form is the package {@code
 * http}'s.
 */
@NullMarked
@CheckReturnValue
package com.barnebys.analytics.conversion;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
