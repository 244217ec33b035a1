package com.barnebys.analytics.sink.bigquery;

import java.util.Optional;

/**
 * Names of one dataset as SQL wants them, in backquotes.
 *
 * @param projectId empty: the project the statement is run in
 */
record QualifiedNames(Optional<String> projectId, String datasetId) {
    String dataset() {
        return "`" + path() + "`";
    }

    String of(String table) {
        return "`" + path() + "." + table + "`";
    }

    String path() {
        return projectId.map(project -> project + ".").orElse("") + datasetId;
    }
}
