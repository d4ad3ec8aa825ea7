package hooks

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// ctOwn is everything ct offers beside ct.json and ct.store.
var ctOwn = map[string]function{
	"allow": ctAllow, "ask": ctAsk, "deny": ctDeny,
	"text": ctText, "input": ctInput, "set": ctSet, "style": ctStyle,
	"reply": ctReply, "prompt": ctPrompt, "react": ctReact, "label": ctLabel,
	"glob": ctGlob, "match": ctMatch, "gsub": ctGsub, "within": ctWithin, "copy": ctCopy, "log": ctLog,
}

func (s *state) ct() *lua.LTable {
	lib := s.L.CreateTable(0, len(ctOwn)+2)
	s.fill(lib, ctOwn)
	lib.RawSetString("json", s.protect("ct.json", s.library(nil, nil, jsonOwn)))
	lib.RawSetString("store", s.protect("ct.store", s.library(nil, nil, storeOwn)))
	return s.protect("ct", lib)
}

// EffectKind says what an effect does.
type EffectKind string

// The effects a hook can have. They are collected while it runs and are dropped
// if it fails; whoever called Run performs them.
const (
	EffectReply  EffectKind = "reply"  // Text is posted in the thread
	EffectPrompt EffectKind = "prompt" // Text goes to Claude
	EffectReact  EffectKind = "react"  // Text is the emoji's name, put on the post in question
	EffectLabel  EffectKind = "label"  // Key and Text go into the journal and the header
)

// Effect is one thing a hook wants done.
type Effect struct {
	Kind EffectKind `json:"kind"`
	Key  string     `json:"key,omitempty"`
	Text string     `json:"text"`
}

const (
	maxEffects = 32
	maxLogs    = 64
	maxLog     = 2 << 10 // bytes
)

func (s *state) effect(L *lua.LState, e Effect) {
	switch {
	case s.call.loading:
		L.RaiseError("ct.%s while the file is loaded; call it in a function of the returned table", e.Kind)
	case len(s.call.effects) == maxEffects:
		L.RaiseError("ct.%s: more than %d effects in one call", e.Kind, maxEffects)
	}
	s.charge(L, len(e.Text)+costField)
	s.call.effects = append(s.call.effects, e)
}

func ctReply(s *state, L *lua.LState) int {
	s.effect(L, Effect{Kind: EffectReply, Text: text(L, "ct.reply")})
	return s.answer(L, &answer{made: "ct.reply"})
}

func ctPrompt(s *state, L *lua.LState) int {
	s.effect(L, Effect{Kind: EffectPrompt, Text: text(L, "ct.prompt")})
	return s.answer(L, &answer{made: "ct.prompt"})
}

func ctReact(s *state, L *lua.LState) int {
	emoji := strings.Trim(L.CheckString(1), ":")
	if emoji == "" || len(emoji) > 64 || strings.Trim(emoji, "abcdefghijklmnopqrstuvwxyz0123456789_+-") != "" {
		L.RaiseError(`ct.react: %q: want an emoji's name, as in "eyes"`, emoji)
	}
	s.effect(L, Effect{Kind: EffectReact, Text: emoji})
	return 0
}

func ctLabel(s *state, L *lua.LState) int {
	key, value := L.CheckString(1), L.CheckAny(2)
	if key == "" || len(key) > 64 {
		L.RaiseError("ct.label: the name has %d bytes; want 1 to 64", len(key))
	}
	shown := value.String()
	if len(shown) > maxLog {
		L.RaiseError("ct.label: the value has %d bytes; at most %d", len(shown), maxLog)
	}
	s.effect(L, Effect{Kind: EffectLabel, Key: key, Text: shown})
	return 0
}

// ctLog notes a line for the log. Lines beyond the limit are dropped, not
// errors: a log line must not change a verdict.
func ctLog(s *state, L *lua.LState) int {
	if len(s.call.logs) >= maxLogs {
		return 0
	}
	var b strings.Builder
	for i := 1; i <= L.GetTop() && b.Len() < maxLog; i++ {
		if i > 1 {
			b.WriteByte(' ')
		}
		shown := L.ToStringMeta(L.Get(i)).String()
		b.WriteString(shown[:min(len(shown), maxLog)])
	}
	line := b.String()
	s.call.logs = append(s.call.logs, strings.ToValidUTF8(line[:min(len(line), maxLog)], "\uFFFD"))
	return 0
}

// ctCopy gives a part of the event as a table that may be changed.
func ctCopy(s *state, L *lua.LState) int {
	v, err := s.lower(L, L.CheckAny(1), 0)
	if err != nil {
		L.RaiseError("ct.copy: %s", err.Error())
	}
	L.Push(s.raise(L, v))
	return 1
}
