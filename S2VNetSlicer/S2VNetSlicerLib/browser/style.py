"""How the page looks, in its dark and its light theme."""

from __future__ import annotations

STYLE = """
html { overflow: hidden }
.v-application { --line: rgba(var(--v-border-color), .16);
  --soft: rgba(var(--v-theme-on-surface), .74);
  --chosen: rgba(var(--v-theme-primary), .16); --tonal: rgba(var(--v-theme-on-surface), .12) }
.drawer { display: flex; flex-direction: column; height: 100%; min-height: 0 }
.drawer h2 { font-size: 13px; font-weight: 600; padding: 6px 12px 0 }
.group { padding: 6px 12px 8px; border-bottom: 1px solid var(--line) }
.group h3, .group > summary { font-size: 12px; font-weight: 600; letter-spacing: .04em;
  color: var(--soft) }
.group > summary { cursor: pointer }
#group-classes { flex: 1 1 auto; min-height: 150px; display: flex; flex-direction: column }
.classes { flex: 1 1 auto; overflow-y: auto; min-height: 60px; margin-top: 4px }
.folded { flex: none }
.folded[open] { flex: 0 1 auto; overflow-y: auto; max-height: 45%; min-height: 90px }
.row { display: flex; align-items: center; gap: 6px; margin-top: 6px; flex-wrap: wrap }
.note { font-size: 12px; color: var(--soft); line-height: 1.35 }
.class { display: flex; align-items: center; gap: 2px; padding: 0 4px; border-radius: 4px;
  border: 1px solid transparent; cursor: pointer; min-height: 28px }
.class.selected { border-color: rgb(var(--v-theme-primary)); background: var(--chosen) }
.class input[type=color] { width: 20px; height: 20px; border: 0; padding: 0; background: none;
  flex: none }
.class .name { flex: 1; min-width: 0; text-align: left; font-size: 14px; padding: 0 4px;
  overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: inherit }
.class input[type=text], .filter { flex: 1; min-width: 0; color: inherit; font-size: 14px;
  padding: 1px 4px; border: 1px solid var(--line); border-radius: 4px }
.class .ml { font-size: 12px; color: var(--soft); white-space: nowrap }
.learned { display: flex; align-items: center; margin-top: 4px }
.learned .note { flex: 1; min-width: 0 }
.question { padding: 18px 20px 4px; white-space: pre-line }
.bar { display: flex; align-items: center; gap: 6px; padding: 0 10px; min-width: 0; width: 100% }
.bar .gap { flex: 1 }
.bar .line { width: 1px; height: 24px; background: var(--line); flex: none }
.foot { display: flex; flex-direction: column; gap: 4px; padding: 4px 10px; width: 100% }
.foot .v-switch .v-selection-control { min-height: 30px }
.foot .v-switch .v-label, .bar .v-switch .v-label { font-size: 13px }
.progress { flex: 1 1 170px; min-width: 60px; height: 28px; display: flex; flex-direction: column;
  justify-content: center; gap: 2px }
.progress .told { flex: none; font-size: 12px; line-height: 14px; white-space: normal;
  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2 }
.foot > div { display: flex; align-items: center; gap: 6px; min-width: 0 }
#group-review { height: 30px; justify-content: flex-end }
.told { flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.strip { flex: 1; min-width: 0; height: 30px; cursor: pointer; display: block }
.messages { position: absolute; z-index: 20; top: 8px; left: 50%; transform: translateX(-50%);
  width: min(640px, 80%); display: flex; flex-direction: column; gap: 6px; pointer-events: none }
.message { display: flex; align-items: start; gap: 8px; padding: 6px 6px 6px 12px;
  border-radius: 6px; font-size: 14px; line-height: 1.4; pointer-events: auto;
  background: #163c2a; color: #d9f7e6; box-shadow: 0 2px 8px #0008 }
.message.warning { background: #4a3320; color: #ffe3bd }
.message span { flex: 1; padding: 4px 0 }
.upload { position: relative; padding: 4px 9px; border-radius: 4px; background: var(--tonal);
  font-size: 12px; cursor: pointer; white-space: nowrap }
.upload:hover, .upload:focus-within { outline: 2px solid rgb(var(--v-theme-primary)) }
.upload:has(input:disabled) { opacity: .4; cursor: default }
.upload input { position: absolute; width: 1px; height: 1px; opacity: 0 }
.v-label { opacity: .85 }
.v-btn { text-transform: none; letter-spacing: 0 }
.v-btn--size-small { padding: 0 9px }
.foot .v-switch, .bar .v-switch { flex: none }
@media (max-width: 1180px) {
  .foot .v-switch .v-label { position: absolute; clip-path: inset(50%) } }
"""
