package web

// SecurePage is for tests that serve pages of their own under the pages' policy.
var SecurePage = securePage
