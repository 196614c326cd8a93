package io.asyncjobs.provisioning;

import com.fasterxml.jackson.databind.SequenceWriter;
import com.fasterxml.jackson.dataformat.csv.CsvGenerator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.asyncjobs.account.AccountView;
import io.asyncjobs.audit.AuditHead;
import io.asyncjobs.provisioning.ConfigurationReport.Fact;
import io.asyncjobs.provisioning.ConfigurationReport.JobLine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes the report as one table (RFC 4180, UTF-8). A row has its section in the first column. A job is one row; of
 * everything else each field is a row.
 */
final class ReportCsv {

    private static final List<String> COLUMNS = List.of(
            "section",
            "name",
            "field",
            "value",
            "state",
            "revision",
            "pollIntervalSeconds",
            "associatedUser",
            "timeoutSeconds",
            "logBytes",
            "resultBytes",
            "stateChars",
            "hostCalls",
            "scriptMd5",
            "scriptSha256",
            "digest",
            "updatedAt",
            "updatedBy");

    /**
     * Where a spreadsheet may begin to read a formula: at the beginning of a value and, if it takes something else than the
     * comma for the separator, behind that. Blanks and quotes before the formula hide nothing from it. The apostrophe is
     * among what begins a formula, so that the marks can be told from apostrophes of the value.
     */
    private static final Pattern FORMULA =
            Pattern.compile("(^|[;\\t\\r\\n])([\\p{Zs}\"]*+)(?=['=+\\-@\\uFF1D\\uFF0B\\uFF0D\\uFF20])");

    private static final CsvMapper CSV = CsvMapper.builder()
            .enable(CsvGenerator.Feature.STRICT_CHECK_FOR_QUOTING)
            .build();

    private static final CsvSchema SCHEMA = CsvSchema.builder()
            .addColumns(COLUMNS, CsvSchema.ColumnType.STRING)
            .setUseHeader(true)
            .setLineSeparator("\r\n")
            .build();

    private final SequenceWriter rows;

    private ReportCsv(SequenceWriter rows) {
        this.rows = rows;
    }

    static byte[] of(ConfigurationReport report) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (SequenceWriter rows = CSV.writer(SCHEMA).writeValues(bytes)) {
            new ReportCsv(rows).write(report);
        } catch (IOException e) {
            throw new UncheckedIOException("Bytes can be written to memory", e);
        }
        return bytes.toByteArray();
    }

    private void write(ConfigurationReport report) throws IOException {
        facts(
                "report",
                "",
                List.of(
                        new Fact("environment", report.environment()),
                        new Fact("version", report.version()),
                        new Fact("time", report.time().toString()),
                        new Fact("fingerprint", report.fingerprint())));
        AuditHead audit = report.audit();
        facts(
                "audit",
                "",
                List.of(
                        new Fact("seq", Long.toString(audit.seq())),
                        new Fact("at", Objects.toString(audit.at(), "")),
                        new Fact("hash", audit.hash()),
                        new Fact("waiting", Long.toString(audit.waiting()))));
        for (JobLine job : report.jobs()) {
            job(job);
        }
        facts("setting", "async-job-manager", report.setting());
        facts("limit", "", report.limits());
        for (ConfigurationReport.Place connection : report.connections()) {
            facts("connection", connection.name(), connection.facts());
        }
        for (AccountView account : report.accounts()) {
            facts(
                    "account",
                    account.username(),
                    List.of(
                            new Fact("displayName", account.displayName()),
                            new Fact("active", String.valueOf(account.active()))));
        }
    }

    private void job(JobLine job) throws IOException {
        row(
                "job",
                job.name(),
                null,
                null,
                job.state(),
                job.revision(),
                job.pollIntervalSeconds(),
                job.associatedUser(),
                job.timeoutSeconds(),
                job.logBytes(),
                job.resultBytes(),
                job.stateChars(),
                job.hostCalls(),
                job.scriptMd5(),
                job.scriptSha256(),
                job.digest(),
                job.updatedAt(),
                job.updatedBy());
    }

    private void facts(String section, String name, List<Fact> facts) throws IOException {
        for (Fact fact : facts) {
            row(section, name, fact.field(), fact.value());
        }
    }

    /** Columns that are not given stay empty. */
    private void row(@Nullable Object... values) throws IOException {
        String[] cells = new String[COLUMNS.size()];
        Arrays.setAll(cells, i -> i < values.length && values[i] != null ? marked(values[i].toString()) : "");
        rows.write(cells);
    }

    /** The value with an apostrophe before whatever a spreadsheet may take for a formula, and before each apostrophe there. */
    static String marked(String value) {
        return FORMULA.matcher(value).replaceAll("$1$2'");
    }
}
