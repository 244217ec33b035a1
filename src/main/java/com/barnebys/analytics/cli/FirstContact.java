package com.barnebys.analytics.cli;

import com.barnebys.analytics.config.Settings;
import com.barnebys.analytics.hit.LinkSigner;
import com.barnebys.analytics.hit.Secret;
import java.io.IOException;
import java.io.PrintWriter;

/** What a newcomer sees: links to click on, signed with the secret in force, and how to see what they stored. */
final class FirstContact {
    private FirstContact() {}

    static void print(Settings settings, Tracker tracker, PrintWriter out) throws IOException {
        Secret secret = settings.secrets().current();
        String base = "http://localhost:" + tracker.port();
        String shop = "https%3A%2F%2Fwww.example.com%2Flot%2F7%3Futm_source%3Dbarnebys";
        out.println();
        out.println(Terminal.styled("@|bold Barnebys Analytics|@ listens on @|bold " + base + "|@"));
        out.println();
        link(out, "a pixel", secret, base + "/r/collect?_h=track&p=my-program&k=impression&d1=hello");
        link(
                out,
                "an affiliate link (starts a session)",
                secret,
                base + "/?p=my-affiliate&k=click&url=" + shop + "&a=1");
        link(
                out,
                "a redirect (a lead, if you clicked the one above)",
                secret,
                base + "/r/collect?_h=track&p=my-program&k=click&url=" + shop);
        if (settings.store() == Settings.Store.LOCAL) {
            out.println("What they stored, a second later:");
            out.println(Terminal.styled("  @|green java -jar target/barnebys-analytics.jar query \\|@"));
            out.println(Terminal.styled("    @|green \"SELECT timestamp, programId, lead, url FROM click\"|@"));
        }
        out.println("The whole round in a browser:");
        out.println(Terminal.styled("  @|cyan http://localhost:" + tracker.managementPort() + "/demo|@"));
        out.println();
        out.flush();
    }

    private static void link(PrintWriter out, String what, Secret secret, String unsigned) {
        if (LinkSigner.md5(secret).sign(unsigned) instanceof LinkSigner.Signed signed) {
            out.println(what + ":");
            out.println(Terminal.styled("  @|cyan " + signed.link() + "|@"));
        }
    }
}
