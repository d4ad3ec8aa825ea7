package playground

import (
	"encoding/json"
	"net/http"
)

// apiError is an error as the server reports it; id and status are those that a
// real server gave (testdata/errors.json).
type apiError struct {
	id, message string
	status      int
}

func (e *apiError) Error() string { return e.id + ": " + e.message }

var (
	errSession    = &apiError{"api.context.session_expired.app_error", "Invalid or expired session, please login again.", 401}
	errPermission = &apiError{"api.context.permissions.app_error", "You do not have the appropriate permissions.", 403}
	errMessage    = &apiError{"model.post.is_valid.msg.app_error", "Invalid message.", 400}
	errProps      = &apiError{"model.post.is_valid.props.app_error", "Invalid props.", 400}
	errFileIDs    = &apiError{"model.post.is_valid.file_ids.app_error", "Invalid file ids. Note that uploads are limited to 5 files maximum. " +
		"Please use additional posts for more files.", 400}
	errRoot         = &apiError{"api.post.create_post.root_id.app_error", "Invalid RootId parameter.", 400}
	errPostGone     = &apiError{"app.post.get.app_error", "Unable to get the post.", 404}
	errEmoji        = &apiError{"model.reaction.is_valid.emoji_name.app_error", "Invalid emoji name.", 400}
	errReactAs      = &apiError{"api.reaction.save_reaction.user_id.app_error", "You cannot save reaction for the other user.", 403}
	errTooManyReact = &apiError{"api.reaction.save_reaction.limit.app_error", "Too many reactions on this post.", 400}
	errChannelGone  = &apiError{"app.channel.get.existing.app_error", "Unable to find the existing channel.", 404}
	errChannelName  = &apiError{"app.channel.get_by_name.missing.app_error", "Channel does not exist.", 404}
	errTeamGone     = &apiError{"app.team.get.find.app_error", "Unable to find the existing team.", 404}
	errTeamName     = &apiError{"app.team.get_by_name.missing.app_error", "Unable to find the existing team.", 404}
	errUserGone     = &apiError{"app.user.missing_account.const", "Unable to find the user.", 404}
	errUserName     = &apiError{"app.user.get_by_username.app_error", "Unable to find an existing account matching your username for this team. " +
		"This team may require an invite from the team owner to join.", 404}
	errFileGone     = &apiError{"app.file_info.get.app_error", "Unable to get the file info.", 404}
	errFileRead     = &apiError{"api.file.upload_file.read_request.app_error", "Unable to upload file(s). Error reading or parsing request data.", 400}
	errFileTooLarge = &apiError{"api.file.upload_file.too_large_detailed.app_error", "Unable to upload file. File is too large.", 413}
)

func errParam(name string) *apiError {
	return &apiError{"api.context.invalid_url_param.app_error", "Invalid or missing " + name + " parameter in request URL.", 400}
}

func errBody(name string) *apiError {
	return &apiError{"api.context.invalid_body_param.app_error", "Invalid or missing " + name + " in request body.", 400}
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the peer is gone; there is nobody to tell
}

func writeError(w http.ResponseWriter, e *apiError) {
	writeJSON(w, e.status, map[string]any{
		"id": e.id, "message": e.message, "detailed_error": "",
		"request_id": w.Header().Get("X-Request-Id"), "status_code": e.status,
	})
}

// notFound answers a path that is no API route; the real server's answer has no
// request_id (testdata/errors.json, rest-404-route).
func notFound(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, http.StatusNotFound, map[string]any{
		"id": "api.context.404.app_error", "message": "Sorry, we could not find the page.",
		"detailed_error": "There doesn't appear to be an api call for the url='" + r.URL.Path + "'.  Typo? are you missing a team_id or user_id as part of the url?",
		"status_code":    http.StatusNotFound,
	})
}
