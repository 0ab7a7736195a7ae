package text_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template/parse"
	"unicode"

	"golang.org/x/net/html"
)

// page is a template of the pages, as its parser sees it.
type page struct {
	path  string // below templates/
	trees map[string]*parse.Tree
}

// readPages parses the templates of the pages.
func readPages(t *testing.T) []page {
	t.Helper()
	var pages []page
	folder := os.DirFS("../web/templates")
	err := fs.WalkDir(folder, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".html" {
			return err
		}
		content, err := fs.ReadFile(folder, name)
		if err != nil {
			return err
		}
		tree := parse.New(name)
		tree.Mode = parse.SkipFuncCheck
		trees := map[string]*parse.Tree{}
		if _, err := tree.Parse(string(content), "", "", trees); err != nil {
			return err
		}
		pages = append(pages, page{name, trees})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(pages) < 10 {
		t.Fatalf("only %d templates found", len(pages))
	}
	return pages
}

// walk visits every node of the page's templates.
func (p page) walk(visit func(parse.Node)) {
	var in func(parse.Node)
	list := func(l *parse.ListNode) {
		if l != nil {
			for _, node := range l.Nodes {
				in(node)
			}
		}
	}
	branch := func(b *parse.BranchNode) {
		in(b.Pipe)
		list(b.List)
		list(b.ElseList)
	}
	in = func(node parse.Node) {
		visit(node)
		switch node := node.(type) {
		case *parse.ActionNode:
			in(node.Pipe)
		case *parse.IfNode:
			branch(&node.BranchNode)
		case *parse.RangeNode:
			branch(&node.BranchNode)
		case *parse.WithNode:
			branch(&node.BranchNode)
		case *parse.TemplateNode:
			if node.Pipe != nil {
				in(node.Pipe)
			}
		case *parse.PipeNode:
			for _, command := range node.Cmds {
				in(command)
			}
		case *parse.CommandNode:
			for _, arg := range node.Args {
				in(arg)
			}
		}
	}
	for _, tree := range p.trees {
		list(tree.Root)
	}
}

// attributes is how a template begins that stands within a tag.
var attributes = regexp.MustCompile(`^\s*[a-z-]+="`)

// markup is the HTML of the page's templates, with nothing in the place of what
// is filled in.
func (p page) markup() []string {
	var all []string
	for name, tree := range p.trees {
		if strings.HasSuffix(name, "-class") {
			continue // the names of styles
		}
		var b strings.Builder
		page{trees: map[string]*parse.Tree{name: tree}}.walk(func(node parse.Node) {
			if node, ok := node.(*parse.TextNode); ok {
				b.Write(node.Text)
			}
		})
		if attributes.MatchString(b.String()) {
			all = append(all, "<p "+b.String()+">")
			continue
		}
		all = append(all, b.String())
	}
	return all
}

// call is a use of a text by a template, {{t "ID" "Name" value …}}.
type call struct {
	id    string
	names []string // of the data that are given
	open  bool     // the names of some can't be told
}

// uses are the texts that the page names, and the beginnings of those that it
// makes up of parts.
func (p page) uses() (calls []call, prefixes []string) {
	p.walk(func(node parse.Node) {
		command, ok := node.(*parse.CommandNode)
		if !ok || len(command.Args) < 2 {
			return
		}
		function, ok := command.Args[0].(*parse.IdentifierNode)
		if !ok {
			return
		}
		first, isText := command.Args[1].(*parse.StringNode)
		switch {
		case function.Ident == "t" && isText:
			used := call{id: first.Text}
			for i := 2; i < len(command.Args); i += 2 {
				if name, ok := command.Args[i].(*parse.StringNode); ok {
					used.names = append(used.names, name.Text)
				} else {
					used.open = true
				}
			}
			calls = append(calls, used)
		case function.Ident == "code" && isText:
			if second, ok := command.Args[2].(*parse.StringNode); ok {
				calls = append(calls, call{id: first.Text + "." + second.Text})
			} else {
				prefixes = append(prefixes, first.Text+".")
			}
		case function.Ident == "t":
			if begin := beginning(command.Args[1]); begin != "" {
				prefixes = append(prefixes, begin)
			}
		}
	})
	return calls, prefixes
}

// beginning is how a name begins that print puts together.
func beginning(node parse.Node) string {
	pipe, ok := node.(*parse.PipeNode)
	if !ok || len(pipe.Cmds) != 1 || len(pipe.Cmds[0].Args) < 2 || pipe.Cmds[0].Args[0].String() != "print" {
		return ""
	}
	first, _ := pipe.Cmds[0].Args[1].(*parse.StringNode)
	if first == nil {
		return ""
	}
	return first.Text
}

// languageNames stand in every page as they are.
var languageNames = []string{"中文", "English"}

// read tells which attributes are read by people.
func read(attribute string) bool {
	return slices.Contains([]string{"aria-label", "aria-description", "aria-roledescription", "placeholder", "title", "alt", "label", "summary", "content"}, attribute) ||
		strings.HasPrefix(attribute, "data-word")
}

// hasLetters says whether there are words, or the signs of Chinese writing.
func hasLetters(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || isChinese(r) })
}

func isChinese(r rune) bool {
	return unicode.Is(unicode.Han, r) || r >= 0x3001 && r <= 0x303f || r >= 0xff00 && r <= 0xffef // 、。「 and ，：（
}

// TestTemplatesHoldNoTexts finds words in the templates that are in no language's
// file.
func TestTemplatesHoldNoTexts(t *testing.T) {
	for _, p := range readPages(t) {
		for _, markup := range p.markup() {
			for _, words := range wordsOf(markup) {
				t.Errorf("%s: %q belongs into locales", p.path, words)
			}
		}
		p.walk(func(node parse.Node) {
			literal, ok := node.(*parse.StringNode)
			if ok && (strings.ContainsFunc(literal.Text, isChinese) || isSentence(literal.Text)) {
				t.Errorf("%s: %q belongs into locales", p.path, literal.Text)
			}
		})
	}
}

// isSentence says whether a value of a template is words rather than a name, a
// path or a class.
func isSentence(text string) bool {
	return strings.Contains(strings.TrimSpace(text), " ") && hasLetters(text)
}

// wordsOf are the words of some HTML that people would read.
func wordsOf(markup string) []string {
	var words []string
	tokens := html.NewTokenizer(strings.NewReader(markup))
	code := false // in what no person reads
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return words
		case html.TextToken:
			text := strings.TrimSpace(string(tokens.Text()))
			if !code && hasLetters(text) && !slices.Contains(languageNames, text) {
				words = append(words, text)
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			token := tokens.Token()
			code = token.Data == "script" || token.Data == "style"
			for _, a := range token.Attr {
				if a.Key == "content" && !strings.ContainsFunc(a.Val, isChinese) {
					continue // of meta: for browsers
				}
				if read(a.Key) && hasLetters(a.Val) || strings.ContainsFunc(a.Val, isChinese) {
					words = append(words, a.Key+"="+strconv.Quote(a.Val))
				}
			}
		case html.EndTagToken:
			code = false
		case html.CommentToken, html.DoctypeToken:
		}
	}
}

func TestWordsAreFoundInHTML(t *testing.T) {
	for markup, want := range map[string]string{
		`<p>Hello</p>`: "Hello", `<p>你好 <b>1</b></p>`: "你好", `<input placeholder="Your name">`: `placeholder="Your name"`,
		`<button value="确定">→</button>`: `value="确定"`, `<a class="btn" href="/x">★ 1/2</a><script>var a</script>`: "", `<button>中文</button>`: "",
		`<meta name="viewport" content="width=device-width">`: "", `<img alt="Logo" src="x">`: `alt="Logo"`,
	} {
		if got := strings.Join(wordsOf(markup), " | "); got != want {
			t.Errorf("%s: found %q, want %q", markup, got, want)
		}
	}
}
