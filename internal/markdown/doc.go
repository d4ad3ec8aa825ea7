// Package markdown makes text safe for Mattermost: what people, Claude and
// programs write is shown, and can do nothing. Inert leaves Claude's markdown
// readable without mentions, previews or fences that swallow what follows; Plain
// takes all formatting out; CodeSpan and Fence frame foreign text so that it
// cannot leave its frame; Visible spells out what would not be seen. It is pure
// and imports no other package of ctpipe.
package markdown
