package attachment

import (
	"bytes"
	"encoding/binary"
	"image"
	_ "image/gif" // formats that image.DecodeConfig reads
	_ "image/jpeg"
	_ "image/png"
	"net/http"

	"ctpipe/internal/claude"
)

// What the Messages API takes of pictures: 5 MB each as base64, 8000 pixels on
// a side, and 32 MB for a whole request, of which the conversation needs some.
const (
	imageBytes = 5_000_000 / 4 * 3
	imageSide  = 8000
	imagesMost = 20
	inlineMost = 12_000_000
)

// imageType is the type of a picture that can be shown inline, by its content,
// "" if it is none.
func imageType(data []byte) string {
	kind := http.DetectContentType(data)
	switch kind {
	case "image/jpeg", "image/png", "image/gif":
		c, _, err := image.DecodeConfig(bytes.NewReader(data))
		if err != nil || !fits(c.Width, c.Height) {
			return ""
		}
	case "image/webp":
		if w, h := webpSize(data); !fits(w, h) {
			return ""
		}
	default:
		return ""
	}
	return kind
}

func fits(w, h int) bool { return 0 < w && w <= imageSide && 0 < h && h <= imageSide }

// webpSize reads the size of a WebP picture (RFC 9649), 0, 0 if there is none.
func webpSize(b []byte) (w, h int) {
	if len(b) < 30 {
		return 0, 0
	}
	switch string(b[12:16]) {
	case "VP8 ":
		return int(binary.LittleEndian.Uint16(b[26:])) & 0x3fff, int(binary.LittleEndian.Uint16(b[28:])) & 0x3fff
	case "VP8L":
		v := binary.LittleEndian.Uint32(b[21:])
		return int(v&0x3fff) + 1, int(v>>14&0x3fff) + 1
	case "VP8X":
		return 1 + (int(b[24]) | int(b[25])<<8 | int(b[26])<<16), 1 + (int(b[27]) | int(b[28])<<8 | int(b[29])<<16)
	}
	return 0, 0
}

// image is the attachment as a picture for the model.
func (f saved) image() (claude.Image, bool) {
	return claude.Image{MediaType: f.sniffed, Data: f.head}, f.sniffed != "" && len(f.head) > 0
}
