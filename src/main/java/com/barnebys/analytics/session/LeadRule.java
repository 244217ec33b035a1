package com.barnebys.analytics.session;

import com.barnebys.analytics.hit.TrackHit;
import org.jspecify.annotations.Nullable;

/** What a hit and a visitor's session make of each other. */
public enum LeadRule {
    /** An affiliate hit: the session becomes this kind and program, replacing an earlier one. It never leads itself. */
    STARTS_SESSION,
    /** A hit of the session's kind: a second row, {@code lead} true, with the session's program; the session ends. */
    LEADS,
    /** No session, one of another kind, or the very one an affiliate hit would start. It goes on with its own time. */
    NEITHER;

    /**
     * Decides.
     *
     * @param session the visitor's session of this hit's kind, if there is one
     */
    public static LeadRule of(TrackHit hit, @Nullable Session session) {
        if (hit.isAffiliate()) {
            boolean isStarted = session != null
                    && session.kind().equals(hit.kind())
                    && session.programId().equals(hit.programId());
            return isStarted ? NEITHER : STARTS_SESSION;
        }
        return session != null && session.kind().equals(hit.kind()) ? LEADS : NEITHER;
    }
}
