package web

// adminTabs are the administrator's pages, by the last part of their address.
var adminTabs = []string{
	"users", "departments", "categories", "duties", "reasons", "places", "chains", "enterprises", "projects",
	"policies", "calendar", "imports", "jobs", "audit",
}
