// The short names that Mattermost sends, for what ctpipe and its users react
// with. A name that is not here is shown as :name:.
export const EMOJI = {
  "+1": "👍", thumbsup: "👍", "-1": "👎", thumbsdown: "👎", white_check_mark: "✅", heavy_check_mark: "✔️", ballot_box_with_check: "☑️",
  x: "❌", negative_squared_cross_mark: "❎", no_entry: "⛔", no_entry_sign: "🚫", octagonal_sign: "🛑", stop_sign: "🛑", warning: "⚠️",
  one: "1️⃣", two: "2️⃣", three: "3️⃣", four: "4️⃣", five: "5️⃣", six: "6️⃣", seven: "7️⃣", eight: "8️⃣", nine: "9️⃣", zero: "0️⃣", keycap_ten: "🔟",
  arrows_counterclockwise: "🔄", repeat: "🔁", arrow_forward: "▶️", double_vertical_bar: "⏸️", pause_button: "⏸️", fast_forward: "⏩",
  arrow_down_small: "🔽", arrow_up_small: "🔼", small_red_triangle_down: "🔻", question: "❓", grey_question: "❔", exclamation: "❗",
  eyes: "👀", turtle: "🐢", pushpin: "📌", robot: "🤖", robot_face: "🤖", thinking: "🤔", thinking_face: "🤔", tada: "🎉", rocket: "🚀",
  fire: "🔥", bug: "🐛", sparkles: "✨", bulb: "💡", memo: "📝", clipboard: "📋", lock: "🔒", unlock: "🔓", key: "🔑", wave: "👋",
  clap: "👏", pray: "🙏", ok_hand: "👌", raised_hands: "🙌", muscle: "💪", heart: "❤️", broken_heart: "💔", smile: "😄", smiley: "😃",
  grinning: "😀", joy: "😂", laughing: "😆", wink: "😉", slightly_smiling_face: "🙂", sweat_smile: "😅", neutral_face: "😐", confused: "😕",
  cry: "😢", sob: "😭", scream: "😱", angry: "😠", hourglass: "⌛", hourglass_flowing_sand: "⏳", stopwatch: "⏱️", alarm_clock: "⏰",
  checkered_flag: "🏁", construction: "🚧", package: "📦", file_folder: "📁", open_file_folder: "📂", mag: "🔍", mag_right: "🔎", computer: "💻",
  globe_with_meridians: "🌐", herb: "🌿", coffee: "☕", zap: "⚡", moneybag: "💰", bar_chart: "📊", link: "🔗", speech_balloon: "💬",
  thought_balloon: "💭", red_circle: "🔴", large_green_circle: "🟢", large_yellow_circle: "🟡", large_blue_circle: "🔵", hammer: "🔨", wrench: "🔧", gear: "⚙️",
};

// What the picker offers, the ones with a meaning for ctpipe first.
export const PICKS = [
  "+1", "white_check_mark", "-1", "x", "octagonal_sign", "double_vertical_bar", "arrows_counterclockwise", "question",
  "one", "two", "three", "four", "arrow_down_small", "pushpin", "eyes", "turtle",
  "tada", "rocket", "fire", "bug", "bulb", "thinking", "smile", "heart",
];

export function emoji(name) {
  return Object.hasOwn(EMOJI, name) ? EMOJI[name] : "";
}
