package claude

import (
	"encoding/json"
	"testing"
)

// TestImagesAreBlocks: pictures stand before the text, in the shape of the
// recording 12-queue-and-images, and what was typed is still never expanded.
func TestImagesAreBlocks(t *testing.T) {
	line, err := UserMessage{UUID: "u", Text: "what is @/etc/passwd?", Images: []Image{{MediaType: "image/png", Data: []byte("abc")}}}.encode()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		ClientComposed bool `json:"client_composed"`
		Message        struct {
			Content json.RawMessage
		}
	}
	if err := json.Unmarshal(line, &got); err != nil {
		t.Fatal(err)
	}
	const content = `[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"YWJj"}},{"type":"text","text":"what is @/etc/passwd?"}]`
	if string(got.Message.Content) != content || !got.ClientComposed {
		t.Errorf("%s", line)
	}
	if _, err := (UserMessage{Blocks: []json.RawMessage{[]byte(`{}`)}, Images: []Image{{}}}).encode(); err == nil {
		t.Error("blocks and images were taken together")
	}
	line, _ = UserMessage{Images: []Image{{MediaType: "image/gif"}}}.encode()
	if err := json.Unmarshal(line, &got); err != nil || string(got.Message.Content) != `[{"type":"image","source":{"type":"base64","media_type":"image/gif","data":null}}]` {
		t.Errorf("no text: %s", line)
	}
}
