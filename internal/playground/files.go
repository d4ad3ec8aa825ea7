package playground

import (
	"mime"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
)

// file is an uploaded file with its bytes.
type file struct {
	info FileInfo
	data []byte
}

// addFile keeps a file and drops the oldest ones that no longer fit.
func (s *Server) addFile(a *account, name string, data []byte) FileInfo {
	now := s.tick()
	name = filepath.Base(strings.ReplaceAll(name, `\`, "/"))
	ext := strings.TrimPrefix(filepath.Ext(name), ".")
	kind := mime.TypeByExtension("." + ext)
	if kind == "" {
		kind = http.DetectContentType(data)
	}
	f := &file{data: data, info: FileInfo{
		ID: newID(), UserID: a.id, CreateAt: now, UpdateAt: now,
		Name: name, Extension: ext, Size: len(data), MimeType: kind,
	}}
	st := &s.store
	st.files[f.info.ID] = f
	st.fileOrder = append(st.fileOrder, f.info.ID)
	st.fileBytes += len(data)
	for st.fileBytes > maxAllFiles && len(st.fileOrder) > 1 {
		st.dropFile(st.fileOrder[0])
	}
	return f.info
}

func (st *store) dropFile(id string) {
	f := st.files[id]
	if f == nil {
		return
	}
	delete(st.files, id)
	st.fileBytes -= len(f.data)
	st.fileOrder = slices.DeleteFunc(st.fileOrder, func(o string) bool { return o == id })
}

// attach binds files to a post: only the author's own, and each only once; the
// others are left out without an error, as the server does.
func (st *store) attach(ids []string, user, post string) ([]string, []FileInfo) {
	var kept []string
	var infos []FileInfo
	for _, id := range ids {
		f := st.files[id]
		if f == nil || f.info.UserID != user || f.info.PostID != "" {
			continue
		}
		f.info.PostID = post
		kept = append(kept, id)
		infos = append(infos, f.info)
	}
	return kept, infos
}
