package shell

import (
	"slices"
	"strings"

	"ctpipe/pipeline"
)

// sqlOrder is how bad a class of statement is.
var sqlOrder = []string{"", "read", "write", "ddl", "unknown", "destroy"}

// ClassifySQL says what a text of SQL statements does at worst. Text of a
// statement it does not know is class unknown, never read.
func ClassifySQL(text string) pipeline.SQL {
	out := pipeline.SQL{Text: text, Where: true}
	tokens, ok := sqlTokens(text)
	if !ok {
		out.Class, out.Where = "unknown", false
		return out
	}
	for len(tokens) > 0 {
		end := slices.Index(tokens, ";")
		stmt := tokens
		if end < 0 {
			tokens = nil
		} else {
			stmt, tokens = tokens[:end], tokens[end+1:]
		}
		if len(stmt) == 0 {
			continue
		}
		class, where := sqlStatement(stmt)
		out.Where = out.Where && where
		if slices.Index(sqlOrder, class) > slices.Index(sqlOrder, out.Class) {
			out.Class = class
		}
	}
	if out.Class == "" {
		out.Class = "unknown"
	}
	return out
}

// sqlStatement classifies one statement; where is false for an UPDATE or
// DELETE that has no WHERE.
func sqlStatement(t []string) (class string, where bool) {
	if strings.HasPrefix(t[0], `\`) || strings.HasPrefix(t[0], ".") {
		return sqlMeta(t), true
	}
	has := func(words ...string) bool {
		return slices.ContainsFunc(t, func(w string) bool { return slices.Contains(words, w) })
	}
	where = !has("DELETE", "UPDATE") || has("WHERE")
	if has("UPDATE") && (t[0] == "SELECT" || t[0] == "INSERT") { // FOR UPDATE, ON CONFLICT DO UPDATE
		where = true
	}
	switch t[0] {
	case "DROP", "TRUNCATE":
		return "destroy", where
	case "DELETE", "UPDATE":
		if !where {
			return "destroy", where
		}
		return "write", where
	case "CREATE", "ALTER", "RENAME", "GRANT", "REVOKE", "COMMENT", "REINDEX", "VACUUM", "CLUSTER":
		if has("DROP") {
			return "destroy", where
		}
		return "ddl", where
	case "INSERT", "REPLACE", "MERGE", "UPSERT", "COPY", "LOAD", "BEGIN", "START", "COMMIT", "ROLLBACK", "SAVEPOINT", "SET", "LOCK":
		return "write", where
	case "SELECT", "VALUES", "TABLE", "WITH", "(", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "USE":
		return sqlReads(t, has), where
	case "PRAGMA":
		if has("=", "(") {
			return "write", where
		}
		return "read", where
	}
	return "unknown", where
}

// sqlReads: a query may still write: CTEs that modify, INTO, locks, functions.
func sqlReads(t []string, has func(...string) bool) string {
	switch {
	case has("DROP", "TRUNCATE"):
		return "destroy"
	case has("DELETE", "UPDATE") && !has("WHERE"):
		if has("FOR") && !has("DELETE") {
			return "write"
		}
		return "destroy"
	case has("INSERT", "DELETE", "UPDATE", "MERGE", "INTO", "OUTFILE", "DUMPFILE", "ALTER", "CREATE", "REPLACE", "GRANT", "CALL", "EXECUTE"):
		return "write"
	}
	for i, w := range t {
		if i+1 < len(t) && t[i+1] == "(" && !pureSQL[w] && isSQLWord(w) {
			return "unknown" // a function may do anything: pg_read_file, setval, load_extension
		}
	}
	return "read"
}

// pureSQL are functions and keywords that may stand before a parenthesis.
var pureSQL = map[string]bool{
	"COUNT": true, "SUM": true, "MIN": true, "MAX": true, "AVG": true,
	"COALESCE": true, "NULLIF": true,
	"LOWER": true, "UPPER": true, "LENGTH": true,
	"SUBSTR": true, "SUBSTRING": true, "TRIM": true,
	"ROUND": true, "ABS": true, "CAST": true,
	"DATE": true, "NOW": true, "EXTRACT": true, "DATE_TRUNC": true,
	"IN": true, "AND": true, "OR": true, "NOT": true,
	"WHERE": true, "ON": true, "FROM": true, "JOIN": true,
	"AS": true, "EXISTS": true, "SELECT": true, "USING": true, "BY": true,
	"VALUES": true, "OVER": true, "UNION": true, "ALL": true,
	"ANY": true, "HAVING": true,
	"THEN": true, "ELSE": true, "WHEN": true,
	"DISTINCT": true, "ROW_NUMBER": true, "RANK": true,
	"STRING_AGG": true, "ARRAY_AGG": true, "JSON_EXTRACT": true,
	"CONCAT": true, "IFNULL": true,
	"VARCHAR": true, "NUMERIC": true, "DECIMAL": true,
	"PARTITION": true, "LIMIT": true, "=": true, "FILTER": true,
	"PG_SIZE_PRETTY": true, "PG_TOTAL_RELATION_SIZE": true, "VERSION": true, "CURRENT_DATABASE": true,
	"EXPLAIN": true, "WITH": true,
	"BETWEEN": true, "LIKE": true, "INTERVAL": true,
}

func isSQLWord(w string) bool {
	c := w[0]
	return c >= 'A' && c <= 'Z' || c == '_' || c == '"'
}

// sqlMeta classifies a client's own commands: \d lists, \! runs a shell.
func sqlMeta(t []string) string {
	switch w := strings.ToLower(t[0]); {
	case w == ".tables" || w == ".schema" || w == ".databases" || w == ".indexes" || w == ".headers" || w == ".mode":
		return "read"
	case strings.HasPrefix(w, `\d`) || w == `\l` || w == `\l+` || w == `\conninfo` || w == `\timing` || w == `\x` || w == `\q`:
		return "read"
	}
	return "unknown"
}
