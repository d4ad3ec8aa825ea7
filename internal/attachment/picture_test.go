package attachment

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
)

func picture(w, h int) string {
	var b bytes.Buffer
	m := image.NewGray(image.Rect(0, 0, w, h))
	m.Set(0, 0, color.White)
	_ = png.Encode(&b, m)
	return b.String()
}

// TestPictures: only what the Messages API takes is shown inline, by content,
// not by name; everything else by path.
func TestPictures(t *testing.T) {
	var jpg, gf bytes.Buffer
	m := image.NewPaletted(image.Rect(0, 0, 2, 2), color.Palette{color.Black, color.White})
	_ = jpeg.Encode(&jpg, m, nil)
	_ = gif.Encode(&gf, m, nil)
	webp := func(kind string, rest ...byte) string {
		return "RIFF\x20\x00\x00\x00WEBP" + kind + "\x0a\x00\x00\x00" + string(rest) + strings.Repeat("\x00", 30)
	}
	for name, c := range map[string]struct{ data, want string }{
		"png": {picture(2, 2), "image/png"}, "jpeg": {jpg.String(), "image/jpeg"}, "gif": {gf.String(), "image/gif"},
		"vp8x": {webp("VP8X", 0, 0, 0, 0, 9, 0, 0, 9, 0, 0), "image/webp"}, "vp8x huge": {webp("VP8X", 0, 0, 0, 0, 0xff, 0xff, 0, 9, 0, 0), ""},
		"vp8 ": {webp("VP8 ", 0, 0, 0, 0x9d, 0x01, 0x2a, 10, 0, 10, 0), "image/webp"}, "vp8l": {webp("VP8L", 0x2f, 9, 0, 0, 0), "image/webp"},
		"huge": {picture(8001, 1), ""}, "cut": {picture(2, 2)[:20], ""}, "svg": {"<svg xmlns='http://www.w3.org/2000/svg'/>", ""}, "bmp": {"BM" + strings.Repeat("\x00", 60), ""}, "none": {"", ""},
	} {
		if got := imageType([]byte(c.data)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
