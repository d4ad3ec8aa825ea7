package playground

import (
	"slices"
	"strings"
)

// account is one user of the playground; all of them are in the one team.
type account struct {
	id, name, first, last string
	bot, guest            bool
	token                 string // for the API; "" is none
	pageToken             string // what the page acts with; made when it asks for it
	member                bool   // of the one channel
	createAt, updateAt    int64
	deleteAt              int64 // > 0: deactivated
}

func (a *account) active() bool { return a.deleteAt == 0 }

func (a *account) roles() string {
	if a.guest {
		return "system_guest"
	}
	return "system_user"
}

// wire gives the account as others see it, or as it sees itself.
func (a *account) wire(self bool) wireUser {
	u := wireUser{
		ID: a.id, CreateAt: a.createAt, UpdateAt: a.updateAt, DeleteAt: a.deleteAt,
		Username: a.name, Email: a.name + "@playground.invalid", FirstName: a.first, LastName: a.last,
		Roles: a.roles(), Locale: "en",
		Timezone: map[string]string{"automaticTimezone": "", "manualTimezone": "", "useAutomaticTimezone": "true"},
	}
	if a.bot {
		u.Email, u.IsBot, u.BotDescription = a.name+"@localhost", true, "ctpipe: Claude Code in this channel"
	}
	if self {
		u.LastPasswordUpdate = a.createAt
		u.NotifyProps = map[string]string{
			"channel": "true", "comments": "never", "desktop": "mention", "desktop_sound": "true", "email": "true",
			"first_name": "false", "mention_keys": "", "push": "mention", "push_status": "away",
		}
	}
	return u
}

func (a *account) membership(channel string) wireMember {
	roles := "channel_user"
	if a.guest {
		roles = "channel_guest"
	}
	return wireMember{
		ChannelID: channel, UserID: a.id, Roles: roles, LastUpdateAt: a.createAt,
		SchemeGuest: a.guest, SchemeUser: !a.guest,
		NotifyProps: map[string]string{
			"desktop": "default", "email": "default", "ignore_channel_mentions": "default", "mark_unread": "all", "push": "default",
		},
	}
}

// The accounts every playground starts with.
func firstAccounts() []*account {
	return []*account{
		{name: "alice", first: "Alice", last: "Ames"},
		{name: "bob", first: "Bob", last: "Brook"},
		{name: "mallory", first: "Mallory", last: "Moss"},
		{name: "gus", first: "Gus", last: "Gray", guest: true},
		{name: botName, first: "Claude Code", bot: true},
	}
}

func (s *Server) accountByID(id string) *account {
	for _, a := range s.accounts {
		if a.id == id {
			return a
		}
	}
	return nil
}

func (s *Server) accountByName(name string) *account {
	for _, a := range s.accounts {
		if strings.EqualFold(a.name, name) {
			return a
		}
	}
	return nil
}

// accountByToken walks every account, so that the time it takes says nothing
// about any token. A deactivated account has no session.
func (s *Server) accountByToken(token string) *account {
	var found *account
	for _, a := range s.accounts {
		if sameSecret(a.token, token) || sameSecret(a.pageToken, token) {
			found = a
		}
	}
	if found == nil || !found.active() {
		return nil
	}
	return found
}

// members gives the channel's active members ordered by id, as the server does.
func (s *Server) members() []*account {
	var list []*account
	for _, a := range s.accounts {
		if a.member && a.active() {
			list = append(list, a)
		}
	}
	slices.SortFunc(list, func(a, b *account) int { return strings.Compare(a.id, b.id) })
	return list
}

// mentioned gives the ids of the members, the author left out, whom a text names.
func (s *Server) mentioned(text, author string) []string {
	names := map[string]bool{}
	for i := 0; i < len(text); i++ {
		if text[i] != '@' || i > 0 && isNameByte(text[i-1]) {
			continue
		}
		end := i + 1
		for end < len(text) && isNameByte(text[end]) {
			end++
		}
		name := strings.ToLower(text[i+1 : end])
		names[name] = true
		names[strings.TrimRight(name, ".-_")] = true
	}
	if len(names) == 0 {
		return nil
	}
	all := names["all"] || names["channel"] || names["here"]
	var ids []string
	for _, a := range s.members() {
		if a.id != author && (all || names[strings.ToLower(a.name)]) {
			ids = append(ids, a.id)
		}
	}
	return ids
}

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_'
}
