package com.barnebys.analytics.sink.bigquery;

/** Names of one dataset as SQL wants them, in backquotes. With the project, since a view may be read from another one. */
record QualifiedNames(String projectId, String datasetId) {
    String dataset() {
        return "`" + path() + "`";
    }

    String of(String table) {
        return "`" + path() + "." + table + "`";
    }

    String path() {
        return projectId + "." + datasetId;
    }
}
