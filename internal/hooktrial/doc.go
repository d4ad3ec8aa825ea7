// Package hooktrial judges one event by one Lua hook, without a chat, and says
// what came of it in the words of the hook's author.
package hooktrial
