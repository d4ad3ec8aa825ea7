package rules

import "ctpipe/internal/diag"

// lintDoc documents one kind of finding. The table in docs/rules.md is checked
// against allLints.
type lintDoc struct {
	ID    string
	Level diag.Level
	Doc   string
}

// allLints is every kind of finding that this package reports, by its stable id.
var allLints = []lintDoc{
	{"syntax", diag.Error, "the file is not TOML, or not UTF-8"},
	{"too-large", diag.Error, "the file or an expression is larger than what is read"},
	{"unknown-key", diag.Error, "a key that means nothing at its place"},
	{"key-case", diag.Error, "a key in the wrong letter case"},
	{"refused-key", diag.Error, "a key that does not belong in the file, and what to do instead"},
	{"missing-key", diag.Error, "a key that must be there is not"},
	{"misplaced-key", diag.Error, "a key that is not enforced for this kind of rule or this then"},
	{"no-effect", diag.Error, "a rule that could have no effect"},
	{"conflict", diag.Error, "two keys that contradict each other"},
	{"bad-type", diag.Error, "a value of the wrong type"},
	{"bad-value", diag.Error, "a value out of range, not in the list, or malformed"},
	{"bad-name", diag.Error, "a definition's name is no name"},
	{"bad-setting", diag.Error, "a flag or variable with a value that is not acceptable"},
	{"duplicate-id", diag.Error, "an id, test name or script stands twice"},
	{"duplicate-entry", diag.Warning, "a list names something twice"},
	{"reserved-name", diag.Error, "a group or definition has a name that means something else"},
	{"platform-token", diag.Error, "a platform names more than one token source"},
	{"platform-incomplete", diag.Error, "a platform has no url, channel or token source"},
	{"on-error-allow", diag.Error, "on_error may not be allow: what cannot be judged is never let through"},
	{"bad-expression", diag.Error, "an expression does not parse, or its types do not fit"},
	{"unknown-name", diag.Error, "an expression names something that its kind does not know"},
	{"unknown-function", diag.Error, "a function that does not exist or that rules may not use"},
	{"bad-argument", diag.Error, "a pattern, time window or zone that cannot be read"},
	{"no-let", diag.Error, "let or ; in an expression"},
	{"deep-nesting", diag.Error, "any, all and the like nested more than 2 deep"},
	{"define-cycle", diag.Error, "a definition that uses itself"},
	{"unused-define", diag.Warning, "a definition that no rule uses"},
	{"unknown-group", diag.Error, "a group that [groups] does not have"},
	{"unknown-stage", diag.Error, "a stage that does not exist"},
	{"stage-kind", diag.Error, "a stage that does not handle this kind of event"},
	{"idle-stage", diag.Warning, "a stage in a chain in which it does nothing"},
	{"stage-order", diag.Error, "a stage stands before one that must come first, or that one is missing"},
	{"unknown-rule", diag.Warning, "a test's by names no rule or hook of the file"},
	{"test-input", diag.Warning, "a test gives a tool an input key that looks like a misspelt one"},
	{"allow-opaque", diag.Error, "an allow rule on command lines tests neither tool.opaque nor a class"},
	{"vacuous-all", diag.Error, "all(list, …) in an allow rule without len(list) > 0: it is true on an empty list"},
	{"broad-allow", diag.Warning, "an allow rule on tool calls tests neither tool.name nor tool.commands"},
	{"untyped-input", diag.Warning, "an ask or deny rule compares tool.input.x, which is silently false where the key is missing"},
	{"unknown-value", diag.Warning, "a fact is compared with a value that it never has"},
	{"shadowed-rule", diag.Warning, "a rule that another with the same when and unless always decides"},
	{"escaped-expression", diag.Warning, "an expression in double quotes with escapes, so that errors cannot be placed"},
	{"opaque-uncovered", diag.Warning, "rules look at commands, paths or hosts, but none at tool.opaque"},
	{"default-allow", diag.Warning, "[default] lets calls run that nothing voted on, or that nobody can see into"},
	{"never-true", diag.Warning, "a rule that no test made true (ctpipe test -cover)"},
	{"internal", diag.Error, "a fault in ctpipe itself"},
}
