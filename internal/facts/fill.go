package facts

import (
	"slices"

	"ctpipe/pipeline"
)

// Fill gives ev the facts that need no look at the disk: commands, hosts, what
// is fed to an interpreter, SQL, the MCP server, and whether something stays
// hidden.
func (e *Extraction) Fill(ev *pipeline.Event) {
	t := &ev.Tool
	t.Commands, t.Hosts, t.Pipe = e.facts.Commands, e.facts.Hosts, e.facts.Pipe
	for _, h := range e.hosts {
		if !slices.Contains(t.Hosts, h) {
			t.Hosts = append(t.Hosts, h)
		}
	}
	t.SQL = e.sql
	if server, tool, ok := mcpName(t.Name); ok {
		t.MCP = pipeline.MCP{Server: server, Tool: tool}
	}
	t.Opaque, t.Why = e.facts.Opaque, e.facts.Why
	if e.opaque != "" && !t.Opaque {
		t.Opaque, t.Why = true, e.opaque
	}
	if e.noCommands || e.facts.Unknown {
		ev.MarkUnknown("tool.commands")
		ev.MarkUnknown("tool.pipe")
		t.Opaque = true
	}
	if e.noHosts || e.facts.Unknown {
		ev.MarkUnknown("tool.hosts")
	}
}
