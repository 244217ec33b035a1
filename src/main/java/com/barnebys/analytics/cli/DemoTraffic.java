package com.barnebys.analytics.cli;

import com.barnebys.analytics.hit.LinkSigner;
import com.barnebys.analytics.hit.Secret;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Believable hits: a few auction houses of unequal size, visitors who mostly look and sometimes click, a search portal
 * whose affiliate links some of them come through. The same seed makes the same traffic.
 */
final class DemoTraffic {
    /** One hit of one visitor, signed. */
    record DemoHit(int visitor, String url) {}

    private static final List<String> PROGRAMS =
            List.of("stockholm-auktionsverk", "harbour-and-sons", "galerie-morel", "subastas-sol", "north-lots");
    /** How often each program is seen, in percent, summed up. */
    private static final int[] SHARES = {38, 64, 82, 93, 100};

    private static final List<String> COUNTRIES = List.of("SE", "DE", "FR", "GB", "US", "ES");
    private static final List<String> CATEGORIES =
            List.of("furniture & design", "fine art", "jewellery", "asian ceramics", "books, maps", "watches");
    private static final List<String> SEARCHES = List.of("vase", "stol", "armchair", "ring", "clock", "küche", "日本");

    private final SplittableRandom random;
    private final LinkSigner signer;
    private final String base;
    private final int visitors;

    DemoTraffic(long seed, Secret secret, String base, int hits) {
        this.random = new SplittableRandom(seed);
        this.signer = LinkSigner.md5(secret);
        this.base = base;
        this.visitors = Math.max(1, hits / 12);
    }

    /** So many hits in the order in which they happen; a visitor's follow one another. */
    List<DemoHit> hits(int count) {
        List<DemoHit> hits = new ArrayList<>(count);
        while (hits.size() < count) {
            int visitor = random.nextInt(visitors);
            int dice = random.nextInt(1000);
            if (dice < 790) {
                hits.add(new DemoHit(visitor, signed("/r/collect?_h=track", program(), "impression", dimensions())));
            } else if (dice < 930) {
                hits.add(
                        new DemoHit(visitor, signed("/r/collect?_h=track", program(), "click", dimensions() + shop())));
            } else if (dice < 970) {
                hits.add(new DemoHit(visitor, signed("/?v=1", program(), "lot-view", dimensions())));
            } else {
                // Through the portal's affiliate link; one in three goes on to click at an auction house: a lead.
                hits.add(new DemoHit(
                        visitor, signed("/?v=1", "search-portal", "click", dimensions() + "&a=1" + shop())));
                if (random.nextInt(3) == 0 && hits.size() < count) {
                    hits.add(new DemoHit(
                            visitor, signed("/r/collect?_h=track", program(), "click", dimensions() + shop())));
                }
            }
        }
        return hits;
    }

    private String program() {
        int dice = random.nextInt(100);
        int i = 0;
        while (dice >= SHARES[i]) {
            i++;
        }
        return PROGRAMS.get(i);
    }

    private String dimensions() {
        return "&d1=" + pick(COUNTRIES) + "&d2=lot-" + (100_000 + random.nextInt(900_000)) + "&d3="
                + escaped(pick(CATEGORIES)) + "&d4=" + escaped("search:" + pick(SEARCHES)) + "&sp=" + random.nextInt(2);
    }

    private String shop() {
        String tag = random.nextInt(4) == 0 ? "" : "?utm_source=barnebys";
        return "&url=" + escaped("https://shop.example/lot/" + (100_000 + random.nextInt(900_000)) + tag);
    }

    private String signed(String route, String program, String kind, String rest) {
        String link = base + route + "&p=" + program + "&k=" + kind + rest;
        if (signer.sign(link) instanceof LinkSigner.Signed signed) {
            return signed.link();
        }
        throw new IllegalStateException("the demo made a link that cannot be signed: " + link);
    }

    private String pick(List<String> from) {
        return from.get(random.nextInt(from.size()));
    }

    private static String escaped(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
