package service

// importerID is how the history names who carried over what others did.
const importerID = "import"
