package io.asyncjobs.setting;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.inject.Singleton;

/** The table {@code setting}. */
@Singleton
class SettingRepository implements PanacheRepositoryBase<Setting, String> {}
