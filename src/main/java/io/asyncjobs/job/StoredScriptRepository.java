package io.asyncjobs.job;

import io.asyncjobs.script.ScriptSource;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.ZoneOffset;

/** The table {@code script}. */
@ApplicationScoped
class StoredScriptRepository implements PanacheRepositoryBase<StoredScript, String> {

    /** The stored form of a source, stored now when it is new; two transactions may store the same one at once. */
    StoredScript obtain(ScriptSource source, Instant now) {
        getEntityManager()
                .createNativeQuery("""
                        insert into script (sha256, md5, source, created_at)
                        values (:sha256, :md5, :source, :now)
                        on conflict (sha256) do nothing
                        """)
                .setParameter("sha256", source.sha256())
                .setParameter("md5", source.md5())
                .setParameter("source", source.utf8())
                .setParameter("now", now.atOffset(ZoneOffset.UTC))
                .executeUpdate();
        return findById(source.sha256());
    }
}
