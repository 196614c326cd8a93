package io.asyncjobs.dashboard.jobs;

import io.asyncjobs.account.Accounts;
import io.asyncjobs.dashboard.form.Forms;
import io.asyncjobs.dashboard.shell.PrettyJson;
import io.asyncjobs.dashboard.shell.Shells;
import io.asyncjobs.platform.json.StrictJson;
import io.asyncjobs.script.LimitsConfig;
import jakarta.inject.Singleton;

/** What the form of a job needs beside jobs. */
@Singleton
class Surroundings {

    final Shells shells;
    final Forms forms;
    final PrettyJson pretty;
    final StrictJson json;
    final Accounts accounts;
    final LimitsConfig limits;
    final Examples examples;

    Surroundings(
            Shells shells,
            Forms forms,
            PrettyJson pretty,
            StrictJson json,
            Accounts accounts,
            LimitsConfig limits,
            Examples examples) {
        this.examples = examples;
        this.shells = shells;
        this.forms = forms;
        this.pretty = pretty;
        this.json = json;
        this.accounts = accounts;
        this.limits = limits;
    }
}
