package com.barnebys.analytics.demo;

import com.barnebys.analytics.hit.LinkSigner;
import com.barnebys.analytics.hit.Secret;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * The signed links of the demo.
 *
 * @param pixel an impression in the magazine
 * @param affiliate from the magazine to the shop; starts a session
 * @param arrival the pixel in the shop, of the session's kind: makes the lead
 */
record DemoLinks(String pixel, String affiliate, String arrival) {
    static final String MAGAZINE = "demo-magazine";
    static final String SHOP = "demo-shop";

    /** The kinds below, and the table of conversion events. */
    static final Set<String> TABLES = Set.of("impression", "click", "events");

    /** @param visit names the visit, as links of Barnebys do */
    static DemoLinks sign(Secret secret, DemoAddress address, String visit) {
        LinkSigner signer = LinkSigner.hmac(secret);
        String shop = address.demo() + DemoPages.SHOP + "?utm_source=barnebys&btm_refs=" + visit;
        return new DemoLinks(
                signed(signer, address.tracker() + "/r/collect?p=" + MAGAZINE + "&k=impression&d1=top-story"),
                signed(
                        signer,
                        address.tracker() + "/?p=" + MAGAZINE + "&k=click&a=1&d1=top-story&url="
                                + URLEncoder.encode(shop, StandardCharsets.UTF_8)),
                signed(signer, address.tracker() + "/r/collect?p=" + SHOP + "&k=click&d1=lot-4711"));
    }

    private static String signed(LinkSigner signer, String link) {
        if (signer.sign(link) instanceof LinkSigner.Signed signed) {
            return signed.link();
        }
        throw new IllegalStateException("not signed: " + link);
    }
}
